// Places a post-only order, watches what becomes of it on two streams of which the second resumes
// the first, cancels it, and decodes why another order is refused. Exits 0 if all of it happened.
package main

import (
	"errors"
	"fmt"
	"math/big"
	"os"
	"time"

	"google.golang.org/grpc"
	common "switchyard/common/v1"
	marketdata "switchyard/marketdata/v1"
	order "switchyard/order/v1"
)

// farBelow is 2 % under the best bid. The book's numbers are mantissas: exact, never a double.
func farBelow(connection *grpc.ClientConn) string {
	ctx, cancel := within()
	defer cancel()
	answer, err := marketdata.NewMarketDataServiceClient(connection).GetBestBidOffer(ctx,
		&marketdata.GetBestBidOfferRequest{Exchange: *exchange, Symbol: *symbol})
	if err != nil {
		fail(err)
	}
	quote := answer.BestBidOffer
	return decimalText(fromMantissa(quote.BidPriceMantissa*98/100, quote.PriceExponent))
}

// watch follows the journal until the order is in a state; returns where that is.
func watch(client OrderClient, position *common.JournalPosition, id string,
	wanted order.OrderState) *common.JournalPosition {
	err := client.Follow(position, "", func(event *order.OrderEvent) bool {
		if event == nil {
			return true
		}
		position = &common.JournalPosition{Epoch: event.Epoch, Sequence: event.Sequence}
		if event.GetGap() != nil {
			fail(errors.New("events are missing: read the orders anew"))
		}
		if event.GetOrder().GetTicket().GetClientOrderId() != id {
			return true
		}
		fmt.Printf("event %d: %v\n", event.Sequence, event.GetOrder().State)
		return event.GetOrder().State != wanted
	})
	if err != nil {
		fail(err)
	}
	return position
}

func must(placed *order.Order, err error) *order.Order {
	if err != nil {
		fail(err)
	}
	return placed
}

func main() {
	connection := parseOptions()
	time.AfterFunc(time.Duration(*seconds*float64(time.Second)), func() {
		fail(fmt.Errorf("not done after %g s", *seconds))
	})
	client := OrderClient{order.NewOrderServiceClient(connection)}
	ticket := &order.OrderTicket{ClientOrderId: newID(), Symbol: *symbol,
		Side: common.Side_SIDE_BUY, Type: order.OrderType_ORDER_TYPE_LIMIT, Quantity: *quantity,
		Price: farBelow(connection), PostOnly: true,
		PriceRounding: order.Rounding_ROUNDING_AWAY_FROM_MARKET}
	start, err := client.Position()
	if err != nil {
		fail(err)
	}
	placed := must(client.Place(ticket))
	fmt.Println("placed", ticket.ClientOrderId, "BUY", *quantity, "at", placed.GetSent().GetPrice())
	position := watch(client, start, ticket.ClientOrderId, order.OrderState_ORDER_STATE_OPEN)
	must(client.Cancel(ticket.ClientOrderId))
	// Another stream: it begins where the first was left, so that nothing is missed between.
	watch(client, position, ticket.ClientOrderId, order.OrderState_ORDER_STATE_CANCELED)

	// The same ticket again places nothing; another one under the same id is refused.
	must(client.Place(ticket))
	ticket.Quantity = decimalText(new(big.Rat).Mul(decimal(*quantity), big.NewRat(2, 1)))
	_, err = client.Place(ticket)
	if err == nil || ReasonOf(err) != "CLIENT_ORDER_ID_REUSED" {
		fail(fmt.Errorf("the second order was not refused as it should be: %v", err))
	}
	fmt.Println("refused:", Describe(err))
	os.Exit(0)
}
