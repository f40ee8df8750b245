/** Cluster drivers: the kinds that run elsewhere, or not at all, when the device is a Kubernetes cluster. */
import { openDataDriver } from '../kinds/data/driver.ts'
import type { Driver } from '../kinds/driver.ts'
import { openFlowDriver } from '../kinds/flow/driver.ts'
import type { DriverDeps } from '../kinds/runner-driver.ts'
import { openClusterDriver } from './cluster-driver.ts'
import type { ClusterOptions } from './cluster-options.ts'
import type { ClusterState } from './cluster-state.ts'

/**
 * Models run in the cluster. Flows need equipment and models beside them, and a cluster has neither. Data would lie in
 * the agent's own pod, where nothing reads them.
 */
export const clusterDrivers = (options: ClusterOptions, conditions: ClusterState['conditions']) => ({
  model: (deps: DriverDeps): Driver => openClusterDriver({ ...deps, conditions }, options),
  flow: (deps: DriverDeps): Driver => ({ ...openFlowDriver(deps), isCapable: () => false }),
  data: (deps: DriverDeps): Driver => ({ ...openDataDriver(deps), isCapable: () => false }),
})
