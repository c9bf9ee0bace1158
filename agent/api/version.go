// Package api is the wire between the agent on a bench and the controller: the
// types that cross it, their version history, and nothing else. It is a leaf:
// it imports nothing of Regain's.
//
// # Protocol flow
//
// All requests are HTTPS with JSON bodies, made by the agent to the controller
// on the bench side. The controller's key is pinned by the kernel parameters
// (package cmdline); its certificate's dates and names are not looked at,
// because the clock of a bench may be dead.
//
//	POST /agent/v1/register          RegisterRequest  -> RegisterReply
//	GET  /agent/v1/order?after=REV   (long poll)      -> Order
//	POST /agent/v1/report            ReportRequest    -> ReportReply
//	POST /agent/v1/progress          Progress         -> 204
//	POST /first-boot/v1/{token}      FirstBoot        -> 204
//
// Register takes the token of this boot; every later request carries the
// session and its key ("Authorization: Bearer SESSION:KEY"). Reports are
// numbered from 1 within a session, sent again until the reply's Durable has
// reached them, and applied once. Progress may be lost.
//
// A refusal is a Problem with an HTTP status of 4xx or 5xx. The agent retries
// 5xx, 429 and network errors for ever with jitter; it registers again when the
// code is CodeUnknownSession or CodeBehind, and stops all work, leaving the
// drives as they are, when it is CodeStopped.
package api

// Version is the version of the wire that this code speaks. A peer that is one
// version older is understood; any other is refused with CodeVersion.
//
// History:
//
//   - 1 (2026-11-22): first version.
//   - 2 (2026-11-22): sanitize methods; the journal; samples whose seed follows
//     the completion; health and identify data in the evidence; storage devices
//     in the inventory. All of it is additional: an agent of version 1 overwrites
//     as before, and its firmware erasures are unknown, for want of samples.
//     Since 2026-11-22 also enrolment with a code (Enrolment, Order.Proof): a
//     controller that does not know it refuses such an agent for want of a token.
const Version = 2
