import { os } from './implementer.ts'
import { problem } from './problem.ts'

const absent = () => Promise.reject(problem('hub_unavailable'))

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
