/** Cluster settings: how the pods of a model look. The operator of the agent chooses them. */

/** A server of the Open Inference Protocol that is not Skerry's, such as an image of Triton or OpenVINO. */
export type OtherServer = {
  image: string
  command?: readonly string[]
  args?: readonly string[]
  /** Of REST. */
  port: number
  /** The files of the version are placed in this folder before the server starts. */
  modelFolder: string
  /** [Open Inference Protocol] Answers 200 when the model can serve. */
  readyPath: string
}

export type ClusterSettings = {
  /** Of Skerry's agent. It fetches the files of a version, checks its golden cases and serves it. */
  image: string
  minReplicas: number
  /** More than `minReplicas`: an autoscaler chooses the number between them. */
  maxReplicas: number
  /** The autoscaler holds the load of the processors at this share of the requested ones. */
  cpuPercent: number
  /** Of each pod; 1 for each thread of the version if absent. */
  cpus?: number
  /** Of each pod, the most that it may use. */
  memoryMiB: number
  /** Of each pod, for the files of the version. */
  diskMiB: number
  /** A version whose pods are not ready after this time fails. */
  deadlineSeconds: number
  /** Whole devices of each pod, such as `nvidia.com/gpu`: 1. */
  devices?: Readonly<Record<string, number>>
  nodeSelector?: Readonly<Record<string, string>>
  pullSecret?: string
  server?: OtherServer
}

export type ClusterDefaults = Omit<ClusterSettings, 'image'>

/** [kubernetes.io, Deployment] `deadlineSeconds` is the default of `progressDeadlineSeconds`. */
export const CLUSTER_DEFAULTS: ClusterDefaults = {
  minReplicas: 1,
  maxReplicas: 1,
  cpuPercent: 70,
  memoryMiB: 1_024,
  diskMiB: 4_096,
  deadlineSeconds: 600,
}
