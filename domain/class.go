package domain

import "slices"

// The classes of devices (domain.md §3). Stored forever.
const (
	SecurityCodeCard        = "security_code_card"
	DigitalSecurityCard     = "digital_security_card"
	Gold                    = "gold"
	Platinum                = "platinum"
	DigitalSecurityCardPlus = "digital_security_card_plus"
	IBKRMobile              = "ibkr_mobile" // the app: no physical device
)

// physicalClasses are the physical devices in order of their protection level.
var physicalClasses = []string{SecurityCodeCard, DigitalSecurityCard, Gold, Platinum, DigitalSecurityCardPlus}

var classForm = oneOf(append(slices.Clone(physicalClasses), IBKRMobile)...)

func physical(class string) bool { return class != IBKRMobile }

// rank is the protection level of a physical device, the higher the better.
func rank(class string) int { return slices.Index(physicalClasses, class) + 1 }

// legacy reports whether a class is not given out any more (DEV-2).
func legacy(class string) bool { return physical(class) && class != DigitalSecurityCardPlus }

// hasPIN reports whether a device of the class has a PIN to change (DEV-8).
func hasPIN(class string) bool { return class == DigitalSecurityCardPlus || class == IBKRMobile }

// returnable reports whether a device of the class can be sent back (DEV-6).
func returnable(class string) bool { return class == DigitalSecurityCardPlus }
