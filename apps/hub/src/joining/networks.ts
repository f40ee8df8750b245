/** Networks: whether an address is in one of them. */
import { BlockList, isIP } from 'node:net'

/** Without networks, every address is allowed. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  if (networks.length === 0) return true
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits = ''] = network.split('/')
    list.addSubnet(base, Number(bits), familyOf(base))
  }
  // [RFC 4291 2.5.5.2] A server that listens on both versions sees IPv4 in this form.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(plain) !== 0 && list.check(plain, familyOf(plain))
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')
