/** Tour permission: the sample needs the right to make each of its parts. */
import { useMissing } from '../../hub/permission.ts'

/** Undefined if the person may make and remove the sample; else a text that names the first missing permission. */
export function useTourRefusal(): string | undefined {
  const site = useMissing('site.write')
  const source = useMissing('connection.write')
  const model = useMissing('model.write')
  const deployment = useMissing('deployment.write')
  return site ?? source ?? model ?? deployment
}
