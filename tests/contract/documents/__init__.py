"""What of docs/*.md is generated: tables of events from the registry, of calls from protobuf."""
