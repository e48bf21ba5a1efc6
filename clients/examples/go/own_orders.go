package main

import (
	"fmt"
	"math/big"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	common "switchyard/common/v1"
	order "switchyard/order/v1"
)

// OwnOrders is what a program knows of the orders it placed: the newest version of each, every fill
// once, and which of them the journal has ended. Safe for several goroutines.
type OwnOrders struct {
	client    OrderClient
	session   string
	streaming sync.Once
	stands    chan struct{} // closed when a stream of the session stands

	mutex  sync.Mutex
	news   *sync.Cond
	orders map[string]*order.Order // by client_order_id; nil = on its way for the first time
	ended  map[string]bool         // called finished by the journal: all their fills are counted
	fills  map[string]bool         // by trade and order
	net    *big.Rat                // base units gained
}

func newOwnOrders(client OrderClient, session string) *OwnOrders {
	own := &OwnOrders{client: client, session: session, stands: make(chan struct{}),
		orders: map[string]*order.Order{}, ended: map[string]bool{}, fills: map[string]bool{},
		net: new(big.Rat)}
	own.news = sync.NewCond(&own.mutex)
	return own
}

// Follow keeps all of it up to date, over lost streams; ends with an error alone.
func (own *OwnOrders) Follow() error {
	position, err := own.client.Position()
	if err != nil {
		return err
	}
	return own.client.Follow(position, own.session, func(event *order.OrderEvent) bool {
		own.streaming.Do(func() { close(own.stands) })
		if event.GetGap() != nil {
			own.readAnew()
		}
		if event.GetFill() != nil {
			own.count(event.GetFill())
		}
		if event.GetOrder() != nil {
			own.keep(event.GetOrder(), true)
		}
		return true
	})
}

func (own *OwnOrders) readAnew() {
	for _, id := range own.Unfinished() {
		answer, err := own.client.Read(id)
		if status.Code(err) == codes.NotFound {
			continue // on its way: its events are still to come
		}
		if err != nil {
			fail(err)
		}
		for _, fill := range answer.Fills {
			own.count(fill)
		}
		own.keep(answer.Order, true)
	}
}

// Place knows the order before it is sent, for its fills may come before its answer.
func (own *OwnOrders) Place(ticket *order.OrderTicket) error {
	own.mutex.Lock()
	own.orders[ticket.ClientOrderId] = nil
	own.mutex.Unlock()
	placed, err := own.client.Place(ticket)
	if err != nil {
		own.mutex.Lock()
		delete(own.orders, ticket.ClientOrderId) // refused: there is no such order
		own.mutex.Unlock()
		return err
	}
	own.keep(placed, false)
	return nil
}

func (own *OwnOrders) keep(o *order.Order, inJournal bool) {
	own.mutex.Lock()
	defer own.mutex.Unlock()
	id := o.GetTicket().GetClientOrderId()
	known, ours := own.orders[id]
	if !ours {
		return
	}
	if known == nil || o.Version >= known.Version {
		own.orders[id] = o
	}
	if inJournal && finished(o) {
		own.ended[id] = true
	}
	own.news.Broadcast()
}

func (own *OwnOrders) count(fill *order.Fill) {
	own.mutex.Lock()
	defer own.mutex.Unlock()
	key := fill.TradeId + " " + fill.ClientOrderId // we may have traded with ourselves
	if _, ours := own.orders[fill.ClientOrderId]; !ours || own.fills[key] {
		return
	}
	own.fills[key] = true
	if fill.Side == common.Side_SIDE_BUY {
		own.net.Add(own.net, decimal(fill.Quantity))
	} else {
		own.net.Sub(own.net, decimal(fill.Quantity))
	}
	if fill.FeeCurrency == strings.Split(fill.Symbol, "-")[0] {
		own.net.Sub(own.net, decimal(fill.Fee)) // spot: paid in what was bought
	}
	fmt.Println("fill", fill.Side, fill.Quantity, "at", fill.Price, "net", decimalText(own.net))
}

// Live returns an order that is not finished, or nil.
func (own *OwnOrders) Live(id string) *order.Order {
	own.mutex.Lock()
	defer own.mutex.Unlock()
	if o := own.orders[id]; o != nil && !finished(o) {
		return o
	}
	return nil
}

func (own *OwnOrders) unfinished() (ids []string) {
	for id := range own.orders {
		if !own.ended[id] {
			ids = append(ids, id)
		}
	}
	return ids
}

// Unfinished names the orders that the journal has not ended.
func (own *OwnOrders) Unfinished() []string {
	own.mutex.Lock()
	defer own.mutex.Unlock()
	return own.unfinished()
}

// Settle waits until the journal has ended every order; returns the base units gained.
func (own *OwnOrders) Settle() *big.Rat {
	own.mutex.Lock()
	defer own.mutex.Unlock()
	for len(own.unfinished()) > 0 {
		own.news.Wait()
	}
	return new(big.Rat).Set(own.net)
}
