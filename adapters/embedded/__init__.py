"""Everything on one machine: real servers and all roles as children, no root, no Docker."""
