/** Procedures on rollouts: not written yet; each answers that the hub cannot do this. */
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'

const absent = () => Promise.reject(problem('hub_unavailable', 'rollouts are not part of this hub yet'))

export const rolloutHandlers = {
  list: os.rollout.list.handler(absent),
  get: os.rollout.get.handler(absent),
  devices: os.rollout.devices.handler(absent),
  watch: os.rollout.watch.handler(absent),
  pause: os.rollout.pause.handler(absent),
  resume: os.rollout.resume.handler(absent),
  abort: os.rollout.abort.handler(absent),
  rollback: os.rollout.rollback.handler(absent),
}
