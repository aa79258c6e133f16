"""Who we talk to: servers, venues, clients; each adapter implements a port and decides nothing."""
