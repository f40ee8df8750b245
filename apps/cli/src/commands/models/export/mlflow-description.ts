/** MLflow description: a version as the file MLmodel [mlflow.org, MLflow Model format, signature]. */
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { stringify } from 'yaml'

/** Without versions: the reader has some, and every runtime of ONNX reads the file. */
export const mlflowRequirements = 'mlflow\nonnx\nonnxruntime\n'

/** The text of the file. */
export function mlflowDescription({ version, digest, summary, createdAtMs }: ModelVersionDetail): string {
  return stringify({
    flavors: {
      onnx: { code: null, data: MODEL_PATH, providers: ['CPUExecutionProvider'] },
      python_function: { data: MODEL_PATH, loader_module: 'mlflow.onnx', env: { virtualenv: 'python_env.yaml' } },
    },
    metadata: { skerry_version: version, skerry_digest: digest },
    signature: signatureOf(summary),
    // [MLflow] Without a zone, in UTC.
    utc_time_created: new Date(createdAtMs).toISOString().replace('T', ' ').replace('Z', ''),
  })
}

/** Columns of another type than those of NumPy have no signature in MLflow, so that the whole is left out. */
function signatureOf({ inputs, outputs, unrankedOutputs }: ModelVersionDetail['summary']) {
  const known = outputs.filter(({ name }) => !unrankedOutputs.includes(name))
  const all = [...inputs, ...known]
  if (all.some(({ datatype }) => DTYPES[datatype] === undefined)) return undefined
  // [MLflow, signature] Both are texts of JSON.
  return { inputs: JSON.stringify(inputs.map(tensorOf)), outputs: JSON.stringify(known.map(tensorOf)), params: null }
}

const tensorOf = ({ name, datatype, shape }: TensorSpec) => ({
  name,
  type: 'tensor',
  'tensor-spec': { dtype: DTYPES[datatype], shape },
})

const DTYPES: Readonly<Partial<Record<TensorSpec['datatype'], string>>> = {
  BOOL: 'bool',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'object',
}
