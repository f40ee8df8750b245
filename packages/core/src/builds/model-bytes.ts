/** Model bytes: the size of a version or a build by which forms are compared. */
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { ModelFile } from '@skerry/contract/models/model'

/** The bytes without golden cases, of which every form has the same number. */
export const modelBytesOf = (files: readonly ModelFile[]): number =>
  files.reduce((sum, { path, sizeBytes }) => (path === GOLDEN_PATH ? sum : sum + sizeBytes), 0)
