package main

import (
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// Dial connects lazily. 64 KiB windows: no bandwidth probing, a reader that stops holds little.
func Dial(router string) *grpc.ClientConn {
	connection, _ := grpc.Dial(router, grpc.WithInsecure(), grpc.WithInitialWindowSize(65535),
		grpc.WithInitialConnWindowSize(65535), grpc.WithKeepaliveParams(
			keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}))
	return connection
}

// ReasonOf tells why a call failed; NO_REASON where the client's own library says it.
func ReasonOf(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return "NO_REASON"
}

// Describe is one line for a failed call.
func Describe(err error) string {
	failure := status.Convert(err)
	return failure.Code().String() + " " + ReasonOf(err) + ": " + failure.Message()
}
