import { VirtualAddress } from '@skerry/contract/pairs/pair'
import type { Log } from '@skerry/platform/process/log'
import { expect, test } from 'vitest'
import { openVirtualAddress } from './virtual-address.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

/** Two lines of `ip -json address show` of iproute2 6.1. */
const shown = (life: number) =>
  JSON.stringify([
    { ifname: 'lo', addr_info: [{ family: 'inet', local: '127.0.0.1', prefixlen: 8, valid_life_time: 4_294_967_295 }] },
    { ifname: 'eth1', addr_info: [{ family: 'inet', local: '10.0.0.50', prefixlen: 24, valid_life_time: life }] },
  ])

const addressIn = (output: string, doors: readonly string[] = []) =>
  openVirtualAddress({ address: '10.0.0.50/24', interface: 'eth0', doors }, { run: async () => output, log })

test('an address with no end, or with the long life of DHCP, belongs to the device', async () => {
  for (const life of [4_294_967_295, 86_397]) {
    await expect(addressIn(shown(life)).requireFree()).rejects.toThrow('own address of this device on eth1')
  }
  await expect(addressIn(shown(2)).requireFree()).resolves.toBeUndefined()
  await expect(addressIn('[]').requireFree()).resolves.toBeUndefined()
})

test('the door of a device of the pair is no virtual address, and output that is no list frees nothing', async () => {
  await expect(addressIn('[]', ['10.0.0.11', '10.0.0.50']).requireFree()).rejects.toThrow('of a device of the pair')
  await expect(addressIn('').requireFree()).rejects.toThrow()
})

test('a virtual address is the address of one host', () => {
  for (const good of ['10.0.0.50/24', '192.168.1.1/32', '172.16.0.0/31', '10.255.0.0/8']) {
    expect(VirtualAddress.safeParse(good).success, good).toBe(true)
  }
  const bad = ['10.0.0.50/0', '10.0.0.50/7', '127.0.0.2/8', '0.0.0.1/8', '169.254.1.1/16', '224.0.0.5/24']
  for (const address of [...bad, '255.255.255.255/32', '10.0.0.0/24', '10.0.0.255/24', '10.0.0.50', '10.0.0.50/33']) {
    expect(VirtualAddress.safeParse(address).success, address).toBe(false)
  }
})
