/** Inspects pushed images of operating systems. The hub reads their description. It trusts no image: devices check it. */
import { join } from 'node:path'
import { SWU_PATH } from '@skerry/contract/kinds/os'
import { readSwuFile } from '@skerry/platform/images/swu-file'
import { problem } from '../../../http/problem.ts'
import type { Inspector } from '../inspector.ts'

export const osInspector: Inspector<'os'> = {
  plural: 'images of operating systems',
  // An image has no golden cases. Its device checks the signature.
  goldenSource: 'pushed',
  checkPaths({ files, golden }) {
    if (golden)
      throw problem('input_invalid', 'golden inputs are for models; a device checks the signature of an image')
    if (files.length !== 1)
      throw problem('os_invalid', `an image is one file, ${SWU_PATH}; push each image as a version`)
  },
  async inspect({ staged }, signal) {
    const read = await readSwuFile(join(staged.folder, SWU_PATH), signal)
    if (!read.ok) throw problem('os_invalid', `the image cannot be used, because ${read.message}`)
    return { summary: read.image, golden: undefined, goldenCases: 0 }
  },
  detail: (common, os) => ({ ...common, kind: 'os', os }),
  opset: () => 0,
}
