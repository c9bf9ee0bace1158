// Package verdict alone says whether a drive is erased. It is pure over the plan,
// the limits and the evidence, so anybody can run it again, and its table is this;
// the first row that holds decides (docs/erasure.md, docs/adr/0006):
//
//	rule           what the evidence says                                outcome
//	no-evidence    nothing was received                                  unknown
//	another-drive  it is of another drive                                unknown
//	stopped        the work stopped before its end                       unknown
//	kept-unjudged  the drive was kept, and nothing of it was accepted    unknown
//	nothing-done   no method was tried                                   unknown
//	resumed        it goes on from what the controller did not order     unknown
//	order          a method was not planned, or came out of order        unknown
//	may-have-run   a method came after one that may have run             unknown
//	refused        the drive refused every method before it began        not erased
//	error          the method did not come to its end                    unknown
//	contradiction  it contradicts itself                                 unknown
//	content        content of before, or no pattern, was read            not erased
//	belied         the first of two methods left content, the second not unknown
//	changed        identity, size or format differ, or are not told      unknown
//	reach          a part of the drive is out of the method's reach      unknown
//	advertised     the drive does not advertise the method               unknown
//	command        the command was another, or was not answered well     unknown
//	sanitize       the sanitize log does not bear the command out        unknown
//	written        not all was written and flushed                       unknown
//	read-back      not all that is due was read back                     unknown
//	markers        markers are too few, or were not laid and read        unknown
//	samples        samples are missing, too few, or of other places      unknown
//	noise          noise, where no key was forgotten                     unknown
//	follow         what must follow a cryptographic erasure is missing   unknown
//	worse          the drive's health became worse, or is now hidden     unknown
//	limits         the drive is beyond the limits of the profile         unknown
//	recheck        a drive that was erased does not read as it did       unknown
//	erased         none of these                                         erased
//
// Two proofs are wanted together: the drive's own word (the pattern's write and
// flush, the status of a format, the sanitize log), and what was read afterwards
// (the pattern, markers, former content, samples at places named afterwards).
// Unknown is the zero value, and nothing that was not told ever helps.
//
// An erased drive's level by NIST SP 800-88 Rev. 2 is Purge after a sanitize
// operation, else Clear.
package verdict
