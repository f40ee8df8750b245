/** Runner driver: the part that drivers of kinds in the runner process have in common. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import type { VersionFiles } from '../runner/version-files.ts'
import type { AgentSeat } from '../updates/agent-seat.ts'
import type {
  AppOrder,
  Driver,
  DriverAnswer,
  DriverGround,
  RepositoryServer,
  ServedEndpoint,
  ServedQuery,
} from './driver.ts'
import type { OsOptions } from './os/os-options.ts'

export type RunnerDriverDeps = {
  runner: Pick<
    RunnerSupervisor,
    'loaded' | 'trouble' | 'load' | 'golden' | 'mirror' | 'activate' | 'expect' | 'unload' | 'forget'
  >
  files: Pick<VersionFiles, 'withModel' | 'withOwnFiles' | 'withFile' | 'withGolden'>
}

/** All that a driver of any kind gets. */
export type DriverDeps = RunnerDriverDeps &
  DriverGround & {
    files: Pick<VersionFiles, 'withFiles' | 'hasRoomFor'>
    /** The Unix socket of the container engine. */
    engineSocket: string
    /** The folder of the values that the device keeps for campaigns. */
    statesFolder: string
    /** The parts of the device that apps may get; none if absent. */
    appAccess?: readonly string[]
    /** The updates of the operating system that the command line allows; none if absent. */
    os?: OsOptions
    /** The apps and data of the device, for kinds that use them. */
    apps: {
      isCapable(): boolean
      endpointOf(app: string, query: ServedQuery): ServedEndpoint | undefined
      dataFolderOf(name: string): Promise<string | undefined>
      /** The server of the app that loads the files of versions. */
      repositoryOf(app: string): RepositoryServer | undefined
      /** The folder of the device in which this server finds the files. */
      repositoryFolderOf(app: string): Promise<string | undefined>
      control(order: AppOrder, signal: AbortSignal): Promise<DriverAnswer>
    }
    /** Absent without a launcher. */
    seat?: AgentSeat | undefined
  }

/** All but `load`, which depends on the files of the kind. A version without golden cases passes. */
export const runnerDriver = (kind: VersionKind, { runner, files }: RunnerDriverDeps): Omit<Driver, 'load'> => ({
  loaded: () => runner.loaded()?.filter(({ item }) => item.kind === kind),
  trouble: runner.trouble,
  prove: (item) => files.withGolden(item, async (golden) => (golden ? runner.golden(item, golden) : { ok: true })),
  activate: (item) => runner.activate(item),
  unload: runner.unload,
  deactivate: runner.forget,
})

/**
 * The answer for a version without the file that its kind needs. The signature covers the list, so another fetch would
 * not help.
 */
export function lackOf(path: string, item: DesiredItem): DriverAnswer | undefined {
  if (item.files.some((file) => file.path === path)) return undefined
  return { ok: false, code: 'model_load_failed', message: `the version has no ${path}` }
}
