/** Sources: all places from which models can be imported. A new one adds a file and a row. */
import { huggingFaceSource } from './hugging-face-source.ts'
import type { ImportSource } from './import-source.ts'
import { mlflowSource } from './mlflow-source.ts'
import { ociSource } from './oci-source.ts'
import { tritonSource } from './triton-source.ts'
import { urlSource } from './url-source.ts'

/** In the order in which a place is recognised. */
export const importSources: readonly ImportSource[] = [
  mlflowSource,
  ociSource,
  urlSource,
  tritonSource,
  huggingFaceSource,
]
