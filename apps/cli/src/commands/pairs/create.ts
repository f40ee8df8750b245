import { InterfaceName, VirtualAddress } from '@skerry/contract/pairs/pair'
import { Name } from '@skerry/contract/values/names'
import { command, fits, needed, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { pairText } from './pair-view.ts'

const nameOf = fits(Name)

/** Two names, the first of which is preferred when both start. */
function twoNames(text: string): [string, string] {
  const [first, second, ...more] = text.split(',').map((name) => nameOf(name.trim()))
  if (first === undefined || second === undefined || more.length > 0)
    throw new Error('must be two devices, such as press-a,press-b')
  return [first, second]
}

export const createPair = command({
  name: 'pair create',
  summary: 'Make two devices a pair, of which one is active',
  details:
    'From then on only the active one reads and writes equipment and has the virtual address; the other one takes over within 5 seconds, ' +
    'without the hub. The witness is a third device of the site. Each of the three needs "skerry agent --pair HOST:PORT".',
  examples: [
    'skerry pair create press-line --members press-a,press-b --witness gate-1 --address 10.0.0.50/24 --interface eth0',
  ],
  arguments: { name: required('<name>', 'name of the pair', fits(Name)) },
  options: {
    members: needed('--members <devices>', 'the two devices; the first one is preferred when both start', twoNames),
    witness: needed('--witness <device>', 'a third device of the site, which votes', fits(Name)),
    address: needed('--address <address>', 'virtual address, such as 10.0.0.50/24', fits(VirtualAddress)),
    networkInterface: needed('--interface <name>', 'network interface of both for the address', fits(InterfaceName)),
    yes: YES,
  },
  async run({ name, members, witness, address, networkInterface, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(`one of ${members.join(' and ')} stops to read and write equipment until it takes over`, yes)
    const spec = { members, witness, address, interface: networkInterface }
    const pair = await client.pair.create({ name, spec }, { signal: session.signal })
    session.print({ json: pair, text: () => pairText(pair, session.style) })
  },
})
