/**
 * NetworkManager: its profiles and its checkpoints. A checkpoint is the way back: NetworkManager itself restores the
 * network when its time is over, even if this agent has died [NetworkManager D-Bus, CheckpointCreate].
 */
import type { NetworkProfile } from '@skerry/core/settings/network-profile'
import type { RunProgram } from './run-program.ts'

export type NetworkManager = {
  /** The names of all profiles. */
  profiles(): Promise<string[]>
  /** The names of the profiles that are up, or on their way up. */
  up(): Promise<string[]>
  /** Brings a profile up. */
  bringUp(id: string): Promise<void>
  /** Remembers the present network, to which NetworkManager returns by itself after this time. */
  checkpoint(seconds: number): Promise<string>
  /** Returns to the checkpoint at once. */
  rollBack(checkpoint: string): Promise<void>
  /** The present network stays. */
  release(checkpoint: string): Promise<void>
  /** Adds a profile in memory, and brings it up. A power cut forgets it. */
  tryProfile(profile: NetworkProfile, password: string | undefined): Promise<void>
  /** Takes a profile down; it stays on the disk. */
  down(id: string): Promise<void>
  /** Writes a profile to the disk. */
  keep(id: string): Promise<void>
  remove(id: string): Promise<void>
}

const BUS = ['--system', 'call', 'org.freedesktop.NetworkManager', '/org/freedesktop/NetworkManager'] as const
const DOOR = 'org.freedesktop.NetworkManager'

/** [NMCheckpointCreateFlags] Delete new profiles, and disconnect new devices, when the network returns. */
const FORGET_NEW = 2 | 4

/** DHCP on a slow network takes some tens of seconds. */
const UP_SECONDS = 45

/** Speaks to NetworkManager through its own programs. */
export function networkManager(run: RunProgram): NetworkManager {
  const nmcli = (...args: string[]) => run('nmcli', args)
  const names = async (...which: string[]) => {
    const text = await nmcli('--terse', '--escape', 'no', '--fields', 'NAME', 'connection', 'show', ...which)
    return text.split('\n').filter((line) => line !== '')
  }
  const bringUp = async (id: string) => {
    const wait = { timeoutMs: (UP_SECONDS + 5) * 1_000 }
    await run('nmcli', ['--wait', String(UP_SECONDS), 'connection', 'up', 'id', id], wait)
  }
  return {
    profiles: () => names(),
    up: () => names('--active'),
    bringUp,
    async checkpoint(seconds) {
      const flags = String(FORGET_NEW)
      const text = await run('busctl', [...BUS, DOOR, 'CheckpointCreate', 'aouu', '0', String(seconds), flags])
      const [, path] = /^o "([^"]+)"/.exec(text) ?? []
      if (path === undefined) throw new Error('NetworkManager gave no checkpoint')
      return path
    },
    async rollBack(checkpoint) {
      await run('busctl', [...BUS, DOOR, 'CheckpointRollback', 'o', checkpoint], {
        timeoutMs: (UP_SECONDS + 5) * 1_000,
      })
    },
    async release(checkpoint) {
      await run('busctl', [...BUS, DOOR, 'CheckpointDestroy', 'o', checkpoint])
    },
    async tryProfile({ id, words }, password) {
      await nmcli('connection', 'add', 'save', 'no', 'con-name', id, ...words)
      // The password goes through a pipe: other users of the machine see arguments.
      if (password !== undefined) {
        const input = `set wifi-sec.psk ${password}\nsave temporary\nquit\n`
        await run('nmcli', ['connection', 'edit', 'id', id], { input })
      }
      await bringUp(id)
    },
    async down(id) {
      // A profile that is not up has nothing to take down.
      await nmcli('connection', 'down', 'id', id).catch(() => undefined)
    },
    async keep(id) {
      // [nmcli(1)] A change without --temporary writes the whole profile to the disk.
      await nmcli('connection', 'modify', 'id', id, 'connection.autoconnect', 'yes')
    },
    async remove(id) {
      await nmcli('connection', 'delete', 'id', id)
    },
  }
}
