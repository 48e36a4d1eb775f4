package explain

import "authledger/domain"

// reasonText has the explanation of every reason of a refusal, as the end of the sentence
// "The ledger refused the command because …".
var reasonText = map[domain.Reason]string{
	domain.LockedOut:           "the user is locked out, and a lockout refuses every login and every withdrawal, even with the right password (LOCK-3)",
	domain.NotLocked:           "the user is not locked out (LOCK-5)",
	domain.IdentityNotVerified: "support has not verified the user by phone, or the verification is too old (LOCK-5)",
	domain.AttemptsInFlight:    "the counted failures and the open attempts together reach the number that starts a lockout (LOCK-6)",
	domain.AttemptOpen:         "this login attempt is already open (A-14)",
	domain.AttemptExpired:      "this login attempt is not open: it lapsed, was finished or was never begun (LOCK-6)",
	domain.InvalidCharacter:    "the user name has a character that the policy does not permit (LOGIN-1)",

	domain.LegacyDevice:        "devices of this class are no longer issued (DEV-2)",
	domain.BalanceBelowMinimum: "all active devices of the user are apps, and the account balance is below the minimum for a card (DEV-2)",
	domain.DeviceExists:        "the ledger already has a device with this id (A-14)",
	domain.NotRequested:        "the device was not requested, or it was shipped already (DEV-3)",
	domain.UnknownDevice:       "the user has no device with this id (A-23)",
	domain.ClassMismatch:       "the ledger recorded the device with another class (A-23)",
	domain.DeviceGone:          "the device was reported lost, damaged, returned or replaced (DEV-4)",
	domain.AlreadyActive:       "the device is already active (DEV-4)",
	domain.DeviceNotActive:     "the device was not active at that time, or the code did not have the state full (DEV-7, WD-2)",
	domain.NotReturnable:       "devices of this class can't be returned (DEV-6)",
	domain.UseSharing:          "the device belongs to another user, and the user can use it only through a sharing (A-24, A-28)",
	domain.SharingActive:       "the device is dormant while a sharing is in force (A-25)",
	domain.NoPIN:               "devices of this class have no PIN (DEV-8)",
	domain.CodeNotRedeemed:     "the user redeemed no code for this change recently, or used the code for another change (A-21)",
	domain.TooMany:             "the user already has the maximum number of devices, codes or sharings, the app has the maximum number of users (A-54), the ledger has the maximum number of tokens or webhooks (CFG-1, CFG-3), or the user has the maximum number of holds (PERSON-2)",

	domain.AlreadyIssued:      "the user already has a code of this kind, and cannot have a second one yet (CODE-2, CODE-4)",
	domain.NoTempPasscode:     "the user has no live temporary passcode (CODE-4)",
	domain.SMSNotRequested:    "no SMS was issued to the user recently (CODE-5)",
	domain.ClientTooOld:       "this release channel of the client does not support voice calls (CODE-5)",
	domain.UnknownCode:        "the user has no code with this id, or the code has another kind (CODE-6)",
	domain.CodeIsRevoked:      "the code was revoked (CODE-6)",
	domain.CodeHasExpired:     "the code has expired (CODE-6)",
	domain.CodeIsUsed:         "the code was used before, and is valid for one use (CODE-6)",
	domain.PlatformNotAllowed: "a restricted passcode is valid on the client portal only (CODE-6)",
	domain.CodeIsRestricted:   "a restricted passcode is valid for printing an online card only (CODE-6)",

	domain.Reason(domain.UnknownUser): "a user of the command is unknown: no earlier record names that user, or the user was forgotten since (A-10, A-62)",
	domain.NotPhysical:                "the device is an app: users join an app, and can't share it (SHARE-1)",
	domain.AlreadyShared:              "the two users share this device already, or requested to (SHARE-1)",
	domain.TemporaryDeviceActive:      "one of the two users has a live temporary passcode or online card (SHARE-1)",
	domain.IdentityMismatch:           "the recorded identities of the two users differ, or one of them is missing (SHARE-1)",
	domain.LowerProtectionLevel:       "one of the two users has a device with a higher protection level (SHARE-1)",
	domain.UnknownSharing:             "no sharing has this id (A-27)",
	domain.NotPending:                 "the sharing is not pending (A-27)",
	domain.OfficerIsParty:             "the officer is one of the two users (SHARE-3)",
	domain.NotAParty:                  "only one of the two users or support can end a sharing (A-27)",
	domain.NotShared:                  "the sharing has ended already (A-27)",

	domain.DailyLimit:        "the total of the day would exceed the limit per day (WD-3)",
	domain.FiveDayLimit:      "the total of the window would exceed the limit per five business days (WD-4)",
	domain.UnknownWithdrawal: "the account has no approved withdrawal with this id (WD-6)",
	domain.AlreadySettled:    "the withdrawal is already settled (WD-6)",
	domain.AlreadyCancelled:  "the withdrawal is already cancelled (WD-6)",

	domain.AlreadyExists:    "another token or webhook has the name, or another token has the source, the hash or the NATS key (CFG-1, CFG-3)",
	domain.ExpiryOutOfRange: "the token would already be expired, or would be valid for more than five years (CFG-1)",
	domain.UnknownToken:     "no token has this name (CFG-2)",
	domain.UnknownWebhook:   "no webhook has this name (CFG-4, CFG-5)",

	domain.OnHold:         "a legal case holds the personal data of the user (A-62)",
	domain.WithdrawalOpen: "an approved withdrawal of the user is neither settled nor cancelled (A-62)",
	domain.AlreadyHeld:    "the case already holds the personal data of the user (PERSON-2)",
	domain.NotHeld:        "the case does not hold the personal data of the user (PERSON-3)",
}
