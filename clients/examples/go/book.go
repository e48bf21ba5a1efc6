package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"sort"
	"sync"
	"time"

	common "switchyard/common/v1"
	marketdata "switchyard/marketdata/v1"
)

// Book is one order book kept by the contract's rules: a SNAPSHOT replaces it, a DELTA continues
// the same epoch at sequence + 1, STALE means not to trade on it. Safe for several goroutines.
type Book struct {
	mutex           sync.Mutex
	state           string // why it must not be traded on; empty = it may be
	epoch, sequence uint64
	sides           map[common.Side]map[string]*big.Rat // quantity by price
}

// Follow keeps the book up to date, over lost streams; does not end.
func (book *Book) Follow(client marketdata.MarketDataServiceClient) {
	for ; ; time.Sleep(time.Second / 2) {
		book.lose("WAITING") // nothing is known until the next snapshot
		err := book.stream(client)
		fmt.Fprintln(os.Stderr, "book stream lost, opening it again:", Describe(err))
	}
}

func (book *Book) stream(client marketdata.MarketDataServiceClient) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	silence, watchdog := deadline, time.AfterFunc(deadline, cancel)
	defer watchdog.Stop()
	call, err := client.StreamMarketData(ctx, &marketdata.StreamMarketDataRequest{
		Subscriptions: []*marketdata.MarketDataSubscription{{Exchange: *exchange, Symbol: *symbol,
			Channel: marketdata.Channel_CHANNEL_ORDER_BOOK, Depth: 10}}})
	for err == nil {
		var message *marketdata.StreamMarketDataResponse
		if message, err = call.Recv(); err != nil {
			return err
		}
		if acknowledgement := message.GetAcknowledgement(); acknowledgement != nil {
			if refusal := acknowledgement.Results[0].GetStatus(); refusal.GetCode() != 0 {
				fail(errors.New(refusal.Message))
			}
			silence = 3 * time.Duration(acknowledgement.HeartbeatIntervalMs) * time.Millisecond
		}
		for _, event := range message.Events {
			if err = book.apply(event); err != nil {
				return err
			}
		}
		watchdog.Reset(silence)
	}
	return err
}

func (book *Book) lose(state string) {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	book.state = state
}

func (book *Book) apply(event *marketdata.MarketDataEvent) error {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	switch {
	case event.Kind == marketdata.EventKind_EVENT_KIND_STALE:
		book.state = event.Reason.String()
		return nil
	case event.Kind == marketdata.EventKind_EVENT_KIND_SNAPSHOT:
		book.state, book.sides = "", map[common.Side]map[string]*big.Rat{
			common.Side_SIDE_BUY: {}, common.Side_SIDE_SELL: {}}
	case book.state != "" || event.Epoch != book.epoch || event.Sequence != book.sequence+1:
		return fmt.Errorf("delta %d of %x after %d of %x", event.Sequence, event.Epoch,
			book.sequence, book.epoch)
	}
	book.epoch, book.sequence = event.Epoch, event.Sequence
	levels := event.GetOrderBook()
	change := func(side common.Side, prices, quantities []int64) {
		for index, mantissa := range prices {
			price := decimalText(fromMantissa(mantissa, levels.PriceExponent))
			if quantities[index] == 0 {
				delete(book.sides[side], price)
				continue
			}
			book.sides[side][price] = fromMantissa(quantities[index], levels.QuantityExponent)
		}
	}
	change(common.Side_SIDE_BUY, levels.BidPriceMantissas, levels.BidQuantityMantissas)
	change(common.Side_SIDE_SELL, levels.AskPriceMantissas, levels.AskQuantityMantissas)
	return nil
}

// Best is the best price of a side that is not ours alone, who rest with `own` at `ownPrice`. Empty:
// the book must not be traded on, and why.
func (book *Book) Best(side common.Side, ownPrice string, own *big.Rat) (price, why string) {
	book.mutex.Lock()
	defer book.mutex.Unlock()
	if book.state != "" {
		return "", book.state
	}
	prices := make([]string, 0, len(book.sides[side]))
	for price, quantity := range book.sides[side] {
		if decimal(price).Cmp(decimal(ownPrice)) != 0 || quantity.Cmp(own) > 0 {
			prices = append(prices, price)
		}
	}
	if len(prices) == 0 {
		return "", "empty"
	}
	sort.Slice(prices, func(i, j int) bool {
		order := decimal(prices[i]).Cmp(decimal(prices[j]))
		return order > 0 == (side == common.Side_SIDE_BUY)
	})
	return prices[0], ""
}
