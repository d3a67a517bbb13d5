// Holds the precompiled header that all gRPC targets share.
