import { openOs, os } from './implementer.ts'
import { problem } from './problem.ts'

const absent = () => Promise.reject(problem('hub_unavailable'))

export const tokenHandlers = {
  create: os.token.create.handler(absent),
  list: os.token.list.handler(absent),
  revoke: os.token.revoke.handler(absent),
}
export const deviceHandlers = {
  list: os.device.list.handler(absent),
  get: os.device.get.handler(absent),
  relabel: os.device.relabel.handler(absent),
  approve: os.device.approve.handler(absent),
  resume: os.device.resume.handler(absent),
  retry: os.device.retry.handler(absent),
  revoke: os.device.revoke.handler(absent),
  remove: os.device.remove.handler(absent),
  join: openOs.device.join.handler(absent),
}
export const uploadHandlers = { create: os.upload.create.handler(absent), get: os.upload.get.handler(absent) }
export const modelHandlers = {
  push: os.model.push.handler(absent),
  list: os.model.list.handler(absent),
  get: os.model.get.handler(absent),
  getVersion: os.model.getVersion.handler(absent),
  remove: os.model.remove.handler(absent),
  removeVersion: os.model.removeVersion.handler(absent),
  setAlias: os.model.setAlias.handler(absent),
  removeAlias: os.model.removeAlias.handler(absent),
}
