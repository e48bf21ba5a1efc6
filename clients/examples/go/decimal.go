package main

import (
	"math/big"
	"strings"
)

// Decimals are big.Rat: exact, where a float64 would not be.

// fromMantissa is mantissa x 10^exponent.
func fromMantissa(mantissa int64, exponent int32) *big.Rat {
	size := exponent
	if size < 0 {
		size = -size
	}
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(size)), nil))
	if exponent < 0 {
		power.Inv(power)
	}
	return power.Mul(power, new(big.Rat).SetInt64(mantissa))
}

// decimal reads the contract's form; what is none counts as 0.
func decimal(text string) *big.Rat {
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		return new(big.Rat)
	}
	return value
}

// decimalText writes it, without trailing zeros.
func decimalText(value *big.Rat) string {
	text := value.FloatString(18) // the contract's decimals have no more places
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
