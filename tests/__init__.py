"""Tests, by kind; README says which kind proves what."""
