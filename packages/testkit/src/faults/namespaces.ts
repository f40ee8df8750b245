/**
 * Namespaces: computers of a test, each a network namespace of the kernel with an address of its own on one bridge. Packets
 * between them are really lost, and cut as by a firewall or a pulled cable: the other end hears nothing,
 * in contrast to a process that is killed on loopback. Needs root, `ip` and `iptables`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Programs of administrators are not in the path of each user. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** Packets that a chain gets, such as those of another namespace or of chance. */
const DROP = ['-j', 'DROP']

export type Namespaces = AsyncDisposable & {
  /** The address of the computer. */
  address(name: string): string
  /** The address of this process on the bridge. */
  readonly here: string
  /** The words that start a program on the computer. */
  under(name: string): string[]
  /** Nothing passes between the two, in either direction. */
  partition(one: string, other: string): void
  /** The computer loses this share of the packets that it receives, from 0 to 1. */
  lose(name: string, share: number): void
  /** Pulls the cable of the computer. */
  cut(name: string): void
  /** Ends all faults of the computer. */
  heal(name: string): void
  /** Listens on every interface of the computer, also on loopback, for packets with these bytes. */
  listen(name: string, bytes: string): Promise<Listener>
}

export type Listener = {
  /** Ends it, and resolves with the number of packets that had the bytes. */
  end(): Promise<number>
}

/** Why this machine cannot make namespaces; undefined if it can. */
export function namespacesLack(): string | undefined {
  const name = `skt${process.pid}`
  try {
    run('ip', 'netns', 'add', name)
    run('ip', 'netns', 'exec', name, 'iptables', '-A', 'INPUT', ...chance(0.5))
    run('python3', '-c', 'import socket; socket.AF_PACKET')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
  } finally {
    attempt('ip', 'netns', 'del', name)
  }
}

const inside = (space: string, ...words: string[]) => run('ip', 'netns', 'exec', space, ...words)

/** The bridge, with a cable from this process. */
function makeBridge(space: string, { outer, here }: { outer: string; here: string }): void {
  run('ip', 'netns', 'add', space)
  inside(space, 'ip', 'link', 'add', 'bridge', 'type', 'bridge')
  inside(space, 'ip', 'link', 'set', 'bridge', 'up')
  run('ip', 'link', 'add', outer, 'type', 'veth', 'peer', 'name', 'here', 'netns', space)
  inside(space, 'ip', 'link', 'set', 'here', 'master', 'bridge', 'up')
  run('ip', 'address', 'add', `${here}/24`, 'dev', outer)
  run('ip', 'link', 'set', outer, 'up')
}

type Computer = { space: string; port: string; address: string }

function makeComputer(bridge: string, { space, port, address }: Computer): void {
  run('ip', 'netns', 'add', space)
  inside(bridge, 'ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'cable', 'netns', space)
  inside(bridge, 'ip', 'link', 'set', port, 'master', 'bridge', 'up')
  inside(space, 'ip', 'address', 'add', `${address}/24`, 'dev', 'cable')
  inside(space, 'ip', 'link', 'set', 'lo', 'up')
  inside(space, 'ip', 'link', 'set', 'cable', 'up')
}

/** Makes a computer of each name, and a cable from this process to their bridge. */
export function openNamespaces(names: readonly string[]): Namespaces {
  // The kernel takes 15 characters for an interface, and tests of several processes must not meet.
  const mark = process.pid % 100_000
  const subnet = `10.${88 + (mark % 100)}.${Math.floor(mark / 100) % 250}`
  const spaceOf = (name: string) => `sk${mark}-${name}`
  const hubSpace = spaceOf('bridge')
  const numbers = new Map(names.map((name, at) => [name, at + 1]))
  const numberOf = (name: string) => {
    const number = numbers.get(name)
    if (number === undefined) throw new Error(`no computer is named ${name}`)
    return number
  }
  const address = (name: string) => `${subnet}.${numberOf(name)}`
  const here = `${subnet}.254`
  const outer = `skh${mark}`
  const close = () => {
    attempt('ip', 'link', 'del', outer)
    for (const space of [hubSpace, ...names.map(spaceOf)]) attempt('ip', 'netns', 'del', space)
  }
  try {
    makeBridge(hubSpace, { outer, here })
    for (const name of names)
      makeComputer(hubSpace, { space: spaceOf(name), port: `port${numberOf(name)}`, address: address(name) })
  } catch (error) {
    close()
    throw error
  }
  const filter = (name: string, chain: string, ...rule: string[]) =>
    inside(spaceOf(name), 'iptables', '-A', chain, ...rule)
  return {
    address,
    here,
    under: (name) => ['ip', 'netns', 'exec', spaceOf(name)],
    partition(one, other) {
      filter(one, 'INPUT', '-s', address(other), ...DROP)
      filter(one, 'OUTPUT', '-d', address(other), ...DROP)
    },
    lose: (name, share) => void filter(name, 'INPUT', '-i', 'cable', ...chance(share)),
    cut: (name) => void inside(spaceOf(name), 'ip', 'link', 'set', 'cable', 'down'),
    heal(name) {
      inside(spaceOf(name), 'iptables', '-F')
      inside(spaceOf(name), 'ip', 'link', 'set', 'cable', 'up')
    },
    listen: (name, bytes) => startListener(['ip', 'netns', 'exec', spaceOf(name)], bytes),
    [Symbol.asyncDispose]: async () => close(),
  }
}

const chance = (share: number) => ['-m', 'statistic', '--mode', 'random', '--probability', String(share), ...DROP]

/** [packet(7)] A packet socket sees each packet of each interface. Node has none. */
const LISTEN = `
import signal, socket, sys
seen = 0
taps = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
taps.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
wanted = sys.argv[1].encode()
def end(*_):
    print(seen, flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('ready', flush=True)
while True:
    packet, source = taps.recvfrom(65536)
    # A bridge that has forgotten a cable floods. Such a frame is for another computer (PACKET_OTHERHOST).
    if source[2] != 3 and wanted in packet:
        seen += 1
`

async function startListener(under: readonly string[], bytes: string): Promise<Listener> {
  const [program = '', ...words] = [...under, 'python3', '-c', LISTEN, bytes]
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  const [ready] = await once(lines, 'line')
  if (ready !== 'ready') throw new Error(`the listener does not listen: ${ready}`)
  return {
    async end() {
      const last = once(lines, 'line')
      child.kill('SIGTERM')
      const [count] = await last
      return Number(count)
    },
  }
}

function run(program: string, ...words: string[]): void {
  execFileSync(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** For an end that may have come already. */
function attempt(program: string, ...words: string[]): void {
  try {
    run(program, ...words)
  } catch {
    // It is gone.
  }
}
