import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * 6 is LOCK_EX | LOCK_NB. A lock that is known to be held comes first: where it can be had, locks mean nothing here.
 * What was free stays locked until standard input ends, so that nobody else comes to the same conclusion meanwhile.
 */
const SCRIPT = `
$| = 1;
my ($path, $held, $lock, $browser, @free) = shift;
if (!open($held, '+<', $path) || flock($held, 6)) { print "unsound\\n"; exit }
for (my $n = 0; @ARGV; $n++) {
  my ($worker, $profile) = splice(@ARGV, 0, 2);
  undef $lock;
  open($lock, '+<', $worker) && flock($lock, 6) or next;
  my $alone = !open($browser, '+<', $profile) || flock($browser, 6);
  close($browser);
  push @free, $lock if $alone;
  print $alone ? 'dead' : 'browser', " $n\\n";
}
print "done\\n";
<STDIN> if @free;
`

/** Where to look for one worker: its own lock, and the one of the profile that it names. */
export interface Suspect {
  workerLock: string
  profileLock: string
}

export interface Findings<S extends Suspect> {
  /** Neither a worker nor a browser holds anything: dead for certain. Nobody else finds them until `release`. */
  dead: S[]
  /** The worker is dead, and its browser has not ended yet. */
  dying: S[]
  /** To be called when all is done about them. */
  release(): Promise<void>
}

/**
 * Tries the locks of all suspects in one short-lived process.
 * @param heldLock a lock that is held for certain: the caller's own
 * @throws where the volume does not keep locks apart, or perl is missing
 */
export async function probeLocks<S extends Suspect>(heldLock: string, suspects: S[]): Promise<Findings<S>> {
  const paths = suspects.flatMap(({ workerLock, profileLock }) => [workerLock, profileLock])
  const child = spawn('perl', ['-e', SCRIPT, heldLock, ...paths], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => {}) // it may have ended
  const over = once(child, 'exit')
  over.catch(() => {})
  const dead: S[] = []
  const dying: S[] = []
  let word = ''
  for await (const line of createInterface({ input: child.stdout })) {
    const [said = '', number] = line.split(' ')
    const suspect = suspects[Number(number)]
    word = said
    if (suspect && said === 'dead') dead.push(suspect)
    if (suspect && said === 'browser') dying.push(suspect)
    if (said === 'done') break
  }
  const release = async () => {
    child.stdin.end()
    await over
  }
  if (word === 'done') return { dead, dying, release }
  await release()
  throw new Error(word === 'unsound' ? 'a lock that is held can be taken again' : 'locks could not be tried')
}
