// Quotes both sides of one market at the best prices of the streamed book, follows them by
// amending, and after --seconds cancels, flattens what was filled and stops. Exits 0 if all of it
// worked.
//
// It trades on no stale book, has its quotes cancelled by the service if it dies, counts every fill
// once over lost streams, and never answers an unknown outcome with another order.
package main

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	common "switchyard/common/v1"
	marketdata "switchyard/marketdata/v1"
	order "switchyard/order/v1"
)

const step = time.Second / 4 // at most one change of a quote in this time: exchanges count requests

var bothSides = []common.Side{common.Side_SIDE_BUY, common.Side_SIDE_SELL}

// Maker quotes on one goroutine; its book and its orders are kept by others.
type Maker struct {
	client   OrderClient
	own      *OwnOrders
	book     *Book
	quotes   map[common.Side]string // client_order_id
	quoted   map[common.Side]bool
	requotes int
}

// adjust brings one quote to where the book says.
func (m *Maker) adjust(side common.Side) error {
	id := m.quotes[side]
	live := m.own.Live(id)
	price, why := m.book.Best(side, live.GetTicket().GetPrice(),
		decimal(live.GetTicket().GetQuantity()))
	switch {
	case live != nil && live.OutcomeUnknown:
		return m.learn(m.client.Ask(id))
	case live != nil && price == "":
		fmt.Println("book", why, "- pulling the quote", side)
		return m.learn(m.client.Cancel(id))
	case live != nil && decimal(live.Ticket.Price).Cmp(decimal(price)) != 0:
		m.requotes++
		return m.learn(m.client.Amend(id, price))
	case live == nil && price != "":
		fmt.Println("quote", side, *quantity, "at", price)
		m.quotes[side] = newID()
		err := m.own.Place(&order.OrderTicket{ClientOrderId: m.quotes[side], Symbol: *symbol,
			Side: side, Type: order.OrderType_ORDER_TYPE_LIMIT, Quantity: *quantity, Price: price,
			PostOnly: true, QuantityRounding: order.Rounding_ROUNDING_DOWN,
			CancelOnDisconnect: &order.CancelOnDisconnect{SessionId: m.own.session}})
		if err == nil {
			m.quoted[side] = true
		}
		return err
	}
	return nil
}

func (m *Maker) learn(now *order.Order, err error) error {
	if err == nil {
		m.own.keep(now, false)
	}
	return err
}

// tolerate lets pass the refusals after which the next look at the book decides anew.
func tolerate(err error) {
	switch status.Code(err) {
	case codes.OK:
	case codes.FailedPrecondition, codes.ResourceExhausted, codes.Unavailable, codes.NotFound:
		fmt.Fprintln(os.Stderr, Describe(err))
	default:
		fail(err)
	}
}

// stop cancels what is open and sells or buys back what was filled.
func (m *Maker) stop() {
	for _, id := range m.own.Unfinished() {
		tolerate(m.learn(m.client.Cancel(id)))
	}
	net := m.own.Settle()
	if net.Sign() == 0 {
		return
	}
	fmt.Println("flattening", decimalText(net))
	side := common.Side_SIDE_SELL
	if net.Sign() < 0 {
		side = common.Side_SIDE_BUY
	}
	err := m.own.Place(&order.OrderTicket{ClientOrderId: newID(), Symbol: *symbol, Side: side,
		Type: order.OrderType_ORDER_TYPE_MARKET, Quantity: decimalText(new(big.Rat).Abs(net)),
		QuantityRounding: order.Rounding_ROUNDING_DOWN,
		ReduceOnly:       strings.HasSuffix(*symbol, "-PERP")})
	switch {
	case err == nil:
	case ReasonOf(err) == "NOT_REPRESENTABLE", ReasonOf(err) == "INVALID_FIELD":
		// Less than an order may be: of the market's step, or of its smallest value.
		fmt.Println("left as dust")
	default:
		fail(err)
	}
}

func main() {
	connection := parseOptions()
	span := time.Duration(*seconds * float64(time.Second))
	time.AfterFunc(span+time.Minute, func() { fail(errors.New("it does not stop")) })
	client := OrderClient{order.NewOrderServiceClient(connection)}
	maker := Maker{client: client, own: newOwnOrders(client, newID()), book: &Book{},
		quotes: map[common.Side]string{}, quoted: map[common.Side]bool{}}
	go maker.book.Follow(marketdata.NewMarketDataServiceClient(connection))
	go func() { fail(maker.own.Follow()) }()
	over, signals := time.After(span), make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	stands := maker.own.stands // cancel-on-disconnect needs the session's stream
	tick := time.NewTicker(step)
	for running := true; running; {
		select {
		case <-over:
			running = false
		case <-signals:
			running = false
		case <-tick.C:
			select {
			case <-stands:
				for _, side := range bothSides {
					tolerate(maker.adjust(side))
				}
			default:
			}
		}
	}
	maker.stop()
	net := maker.own.Settle()
	fmt.Printf("done: %d orders, %d requotes, %d fills, net %s\n", len(maker.own.ended),
		maker.requotes, len(maker.own.fills), decimalText(net))
	if len(maker.quoted) != 2 {
		fail(errors.New("never quoted both sides"))
	}
}
