/** Device installation: whether new devices can be installed by this hub, and reach it. */
import * as z from 'zod'
import { Architecture } from '../agents/agent-package.ts'

/** A computer has a handful of networks; the addresses of containers are among them. */
export const ADDRESSES_MAX = 16

export const DeviceInstallation = z.strictObject({
  /** The processors for which the hub has an agent package. */
  packages: z.array(Architecture).max(2),
  /** Present if the address in join tokens leads a device on another computer to itself. */
  local: z
    .strictObject({
      /** The address in join tokens. */
      hub: z.string().max(300),
      /** Where the hub listens, as its option `--listen` says. */
      listen: z.strictObject({ host: z.string().max(255), port: z.int().min(1).max(65_535) }),
      /** The addresses of the hub's computer in its networks. */
      addresses: z.array(z.string().max(64)).max(ADDRESSES_MAX),
    })
    .optional(),
})
export type DeviceInstallation = z.infer<typeof DeviceInstallation>
