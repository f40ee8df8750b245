/** Device item: an item in the answer about one device, with the builds that it is about. */
import * as z from 'zod'
import { NamedBuild } from '../builds/named-build.ts'
import { ItemReport } from './item.ts'

/** The builds are absent if the item is the version itself, and from older hubs. */
export const DeviceItem = ItemReport.extend({ servingBuild: NamedBuild.optional(), targetBuild: NamedBuild.optional() })
export type DeviceItem = z.infer<typeof DeviceItem>
