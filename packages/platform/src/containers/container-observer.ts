/**
 * Container observer: the requests and files by which a certifier observes containers: their processes, their sockets,
 * and the files that they changed. Agents have no need of it.
 */
import { readFile } from 'node:fs/promises'
import { attemptsIn, openPorts } from '@skerry/core/market/checks/container-facts'
import * as z from 'zod'
import { API_VERSION_MIN, createEngineClient } from './engine-client.ts'

const Started = z.object({ Id: z.string(), State: z.object({ Pid: z.int() }) })
const Changes = z.array(z.object({ Path: z.string() })).nullable()
const Top = z.object({ Processes: z.array(z.unknown()).nullish() })

/** The sockets and attempts of the network of a container. */
type NetworkLook = { ports: string[]; attempts: number }

export type ContainerObserver = {
  /** Undefined if its processes are not visible here, because the engine is on another machine or in a container. */
  network(container: string, signal: AbortSignal): Promise<NetworkLook | undefined>
  /** The paths that differ from the image, without volumes. */
  changes(container: string, signal: AbortSignal): Promise<string[]>
  processes(container: string, signal: AbortSignal): Promise<number>
  /** [signal(7)] SIGKILL leaves no time to tidy up, as a loss of power. */
  kill(container: string, signal: AbortSignal): Promise<void>
  close(): void
}

export function openContainerObserver(socketPath: string): ContainerObserver {
  const { ask, close } = createEngineClient(socketPath, () => API_VERSION_MIN)
  const get = async <T>(schema: z.ZodType<T>, path: string, signal: AbortSignal): Promise<T> =>
    schema.parse(JSON.parse(await ask({ method: 'GET', path }, signal)))
  return {
    async network(container, signal) {
      const { Id, State } = await get(Started, `/containers/${container}/json`, signal)
      return (await isProcessOf(State.Pid, Id)) ? lookAt(State.Pid) : undefined
    },
    changes: async (container, signal) =>
      ((await get(Changes, `/containers/${container}/changes`, signal)) ?? []).map(({ Path }) => Path),
    processes: async (container, signal) =>
      (await get(Top, `/containers/${container}/top`, signal)).Processes?.length ?? 0,
    kill: async (container, signal) =>
      void (await ask({ method: 'POST', path: `/containers/${container}/kill`, query: { signal: 'KILL' } }, signal)),
    close,
  }
}

/** [cgroups(7)] Docker and Podman name the control group of a container by its id. */
const isProcessOf = async (pid: number, id: string) => (await textOf(pid, 'cgroup')).includes(id)

async function lookAt(pid: number): Promise<NetworkLook> {
  const [tcp, tcp6, udp, udp6, snmp, snmp6] = await Promise.all(
    ['tcp', 'tcp6', 'udp', 'udp6', 'snmp', 'snmp6'].map((name) => textOf(pid, `net/${name}`)),
  )
  const ports = [...openPorts('tcp', `${tcp}\n${tcp6}`), ...openPorts('udp', `${udp}\n${udp6}`)]
  return { ports, attempts: attemptsIn(snmp ?? '', snmp6 ?? '') }
}

/** A process that has just ended has no files, and a kernel without IPv6 lacks some. */
const textOf = (pid: number, name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
