package loadgen

import "strconv"

var givenNames = [...]string{
	"anna", "boris", "carla", "daniel", "elena", "felix", "grace", "hugo", "irina", "james",
	"karin", "leo", "maria", "nikolai", "olga", "pavel", "quentin", "rosa", "stefan", "tatiana",
	"umar", "vera", "wei", "xenia", "yusuf", "zoe", "aiko", "bruno", "chloe", "dmitri",
	"emma", "farid", "gita", "hana", "ivan", "julia", "kofi", "lena", "mateo", "nadia",
}

var familyNames = [...]string{
	"abbott", "berg", "castro", "dahl", "evans", "fischer", "garcia", "hoffman", "ivanova", "jensen",
	"keller", "lopez", "meyer", "novak", "okafor", "petrov", "quinn", "rossi", "schmidt", "tanaka",
	"ueda", "volkov", "weber", "xu", "young", "zimmer", "aziz", "bauer", "cohen", "dubois",
	"eriksen", "ferrari", "gupta", "haas", "ito", "janssen", "kovacs", "larsen", "moreau", "nguyen",
	"ortiz", "park", "reyes", "silva", "torres", "usman", "varga", "wagner", "yilmaz", "zhou",
}

// userName returns the name of user i, which is unique for all i ≥ 0. It matches the
// pattern of the built-in policy.
func userName(i int) string {
	given := givenNames[i%len(givenNames)]
	i /= len(givenNames)
	family := familyNames[i%len(familyNames)]
	if i /= len(familyNames); i > 0 {
		return given + family + strconv.Itoa(i+1)
	}
	return given + family
}

// unknownNames are user names that attackers often try and that no directory
// contains.
var unknownNames = [...]string{"admin", "test", "guest", "trader", "demo", "root", "oracle", "backup"}

// Addresses of attackers (RFC 5737).
const (
	attackerAddress = "203.0.113.66"
	scannerAddress  = "203.0.113.99"
)

// addressOf returns the address of user i. For every fourth user the address comes from the
// range for documentation (RFC 3849), for other users from the range for benchmarks (RFC 2544).
// Users can share an address.
func addressOf(i int) string {
	if i%4 == 3 {
		return "2001:db8:" + strconv.FormatInt(int64(i>>16&0xffff), 16) + ":" + strconv.FormatInt(int64(i&0xffff), 16) + "::1"
	}
	return "198." + strconv.Itoa(18+i>>16&1) + "." + strconv.Itoa(i>>8&0xff) + "." + strconv.Itoa(i&0xff)
}
