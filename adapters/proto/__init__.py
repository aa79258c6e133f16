"""Contracts on the wire: protobuf sources and the code generated from them."""
