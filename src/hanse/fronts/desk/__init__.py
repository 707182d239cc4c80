"""The desk: where the vendor's people run the programme."""
