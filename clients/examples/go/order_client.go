// Orders of one account: commands whose outcome is always asked for and never guessed, and the
// journal as a stream that loses nothing.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	common "switchyard/common/v1"
	order "switchyard/order/v1"
)

// The arguments of both examples; the router's address comes first.
var (
	exchange = flag.String("exchange", "gateio", "exchange id")
	account  = flag.String("account", "", "configured name; empty = the only one")
	symbol   = flag.String("symbol", "BTC-USDT", "canonical symbol")
	quantity = flag.String("quantity", "0.01", "of an order, base units")
	seconds  = flag.Float64("seconds", 30, "how long it quotes, or may take")
)

const deadline = 15 * time.Second // of every call; one without would hang with its server

func parseOptions() *grpc.ClientConn {
	if len(os.Args) < 2 {
		fail(errors.New("the first argument is the router's address"))
	}
	flag.CommandLine.Parse(os.Args[2:])
	return Dial(os.Args[1])
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, Describe(err))
	os.Exit(1)
}

// newID is a client_order_id or request_id: at most 36 of [A-Za-z0-9_-].
func newID() string {
	bytes := make([]byte, 12)
	rand.Read(bytes)
	return "example-" + hex.EncodeToString(bytes)
}

func finished(o *order.Order) bool { return o.GetState() >= order.OrderState_ORDER_STATE_FILLED }

// outcomeUnknown: the command may have taken effect. The service says so, or the client's own
// library, which speaks without a reason, gave up after sending it.
func outcomeUnknown(err error) bool {
	if reason := ReasonOf(err); reason != "NO_REASON" {
		return reason == "ORDER_OUTCOME_UNKNOWN"
	}
	switch status.Code(err) {
	case codes.Unknown, codes.DeadlineExceeded, codes.Canceled, codes.Internal, codes.Unavailable:
		return true
	}
	return false
}

func within() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), deadline)
}

func key(id string) *order.OrderKey {
	return &order.OrderKey{Id: &order.OrderKey_ClientOrderId{ClientOrderId: id}}
}

// OrderClient is safe for several goroutines.
type OrderClient struct{ stub order.OrderServiceClient }

// An answer to a command.
type ordered interface{ GetOrder() *order.Order }

// settle returns the order after a command. An unknown outcome is asked for, never answered by
// another order; other errors are the caller's.
func (c OrderClient) settle(id string, answer ordered, err error) (*order.Order, error) {
	if err == nil {
		return answer.GetOrder(), nil
	}
	if !outcomeUnknown(err) {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, "outcome unknown, asking:", Describe(err))
	return c.Ask(id)
}

func (c OrderClient) Place(ticket *order.OrderTicket) (*order.Order, error) {
	ctx, cancel := within()
	defer cancel()
	answer, err := c.stub.PlaceOrder(ctx,
		&order.PlaceOrderRequest{Exchange: *exchange, Account: *account, Ticket: ticket})
	return c.settle(ticket.ClientOrderId, answer, err)
}

func (c OrderClient) Amend(id, price string) (*order.Order, error) {
	ctx, cancel := within()
	defer cancel()
	answer, err := c.stub.AmendOrder(ctx, &order.AmendOrderRequest{Exchange: *exchange,
		Account: *account, Order: key(id), RequestId: newID(), Price: &price})
	return c.settle(id, answer, err)
}

func (c OrderClient) Cancel(id string) (*order.Order, error) {
	ctx, cancel := within()
	defer cancel()
	answer, err := c.stub.CancelOrder(ctx, &order.CancelOrderRequest{Exchange: *exchange,
		Account: *account, Order: key(id), RequestId: newID()})
	return c.settle(id, answer, err)
}

// Ask returns the order once its outcome is known. A read: it may be repeated as often as needed.
func (c OrderClient) Ask(id string) (*order.Order, error) {
	for ; ; time.Sleep(time.Second / 2) {
		ctx, cancel := within()
		answer, err := c.stub.WaitForOrder(ctx, &order.WaitForOrderRequest{Exchange: *exchange,
			Account: *account, Order: key(id), TimeoutMs: 10000})
		cancel()
		if code := status.Code(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
			continue
		}
		if err != nil || !answer.TimedOut {
			return answer.GetOrder(), err
		}
	}
}

// Read returns the order and its fills.
func (c OrderClient) Read(id string) (*order.GetOrderResponse, error) {
	ctx, cancel := within()
	defer cancel()
	return c.stub.GetOrder(ctx, &order.GetOrderRequest{Exchange: *exchange, Account: *account,
		Order: key(id), IncludeFills: true})
}

// Position is where the journal stands: Follow from here misses nothing.
func (c OrderClient) Position() (*common.JournalPosition, error) {
	ctx, cancel := within()
	defer cancel()
	answer, err := c.stub.ListOpenOrders(ctx,
		&order.ListOpenOrdersRequest{Exchange: *exchange, Account: *account})
	return answer.GetPosition(), err
}

// Follow hands every event after `position` to `handle`, once and in order, over as many streams as
// it takes, and nil each time that a stream stands, until `handle` returns false. A gap comes as an
// event: then read your orders anew.
func (c OrderClient) Follow(position *common.JournalPosition, session string,
	handle func(*order.OrderEvent) bool) error {
	for ; ; time.Sleep(time.Second / 2) {
		err := c.stream(&position, session, handle)
		code := status.Code(err)
		if err == nil || code != codes.Unavailable && code != codes.Canceled &&
			ReasonOf(err) != "SLOW_READER" {
			return err
		}
		fmt.Fprintln(os.Stderr, Describe(err), "- resuming")
	}
}

// stream follows one stream to its end; nil = `handle` has enough.
func (c OrderClient) stream(position **common.JournalPosition, session string,
	handle func(*order.OrderEvent) bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	silence, watchdog := deadline, time.AfterFunc(deadline, cancel)
	defer watchdog.Stop()
	call, err := c.stub.StreamOrderEvents(ctx, &order.StreamOrderEventsRequest{Exchange: *exchange,
		Account: *account, ResumeFrom: *position, SessionId: session})
	for err == nil {
		var message *order.StreamOrderEventsResponse
		if message, err = call.Recv(); err != nil {
			break
		}
		if acknowledgement := message.GetAcknowledgement(); acknowledgement != nil {
			if refusal := acknowledgement.Results[0].GetStatus(); refusal.GetCode() != 0 {
				return status.Error(codes.Code(refusal.Code), refusal.Message)
			}
			silence = 3 * time.Duration(acknowledgement.HeartbeatIntervalMs) * time.Millisecond
			handle(nil)
		}
		for _, event := range message.GetEvents() {
			seen := event.Epoch == (*position).Epoch && event.Sequence <= (*position).Sequence
			if seen && event.GetGap() == nil {
				continue // at least once is the promise
			}
			*position = &common.JournalPosition{Epoch: event.Epoch, Sequence: event.Sequence}
			if !handle(event) {
				return nil
			}
		}
		watchdog.Reset(silence)
	}
	if errors.Is(err, io.EOF) {
		return status.Error(codes.Unavailable, "the stream has ended")
	}
	return err
}
