"""Binance USD-M futures: decoding its messages, keeping its order books."""
