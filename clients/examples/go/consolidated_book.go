// Streams one currency's spot books of all exchanges, merged, and prints their best levels.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	router "switchyard/router/v1"
)

var base, left = flag.String("base", "BTC", "base currency"), flag.Int("count", 0, "0 = for ever")

func stream(client router.RouterServiceClient, books *router.StreamConsolidatedBookRequest) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	silence, watchdog := 15*time.Second, time.AfterFunc(15*time.Second, cancel)
	call, err := client.StreamConsolidatedBook(ctx, books)
	for message := (*router.StreamConsolidatedBookResponse)(nil); err == nil; watchdog.Reset(silence) {
		if message, err = call.Recv(); message.GetAcknowledgement() != nil { // 3 missed heartbeats: dead
			silence = 3 * time.Duration(message.Acknowledgement.HeartbeatIntervalMs) * time.Millisecond
		}
		for _, event := range message.GetEvents() {
			b := event.Book
			fmt.Println("bids", b.BidPriceMantissas, "asks", b.AskPriceMantissas, "e", b.PriceExponent)
			if *left--; *left == 0 {
				os.Exit(0)
			}
		}
	}
	return err
}

func main() {
	flag.CommandLine.Parse(os.Args[2:])
	client := router.NewRouterServiceClient(Dial(os.Args[1]))
	leg := &router.LegSelector_Base{Base: &router.BaseLeg{Base: *base, Kind: 1}} // 1 = spot
	request := router.StreamConsolidatedBookRequest{Legs: []*router.LegSelector{{Selector: leg}}}
	for ; ; time.Sleep(time.Second / 2) {
		failure := stream(client, &request)
		fmt.Fprintln(os.Stderr, Describe(failure))
		if code := status.Code(failure); code != codes.Unavailable && code != codes.Canceled {
			os.Exit(1)
		}
	}
}
