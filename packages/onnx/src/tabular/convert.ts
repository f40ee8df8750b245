/** Convert: reads a model of another framework, whichever it is, and makes an ONNX file of it. */
import { type Result, rejectModel } from '../refusal.ts'
import { convertEstimator } from './estimator.ts'
import { convertLightgbm, isLightgbm } from './lightgbm.ts'
import { convertPmml } from './pmml/pmml.ts'
import type { Converted } from './tabular-model.ts'
import { readUbjson, UbjsonError } from './ubjson.ts'
import { convertXgboost } from './xgboost.ts'

/** [pickletools] A pickle of protocol 2 and newer begins with these bytes. It runs any program when it is read. */
const isPickle = (bytes: Uint8Array) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5

/** [PKZIP 4.3.7] joblib, NumPy and PyTorch write such archives. */
const isArchive = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b

/** [UBJSON draft 12] An object, with the length of a key as its first value. */
const isUbj = (bytes: Uint8Array) => bytes[0] === 0x7b && [0x4c, 0x6c, 0x69, 0x55, 0x49].includes(bytes[1] ?? 0)

/** Decoding has removed a mark of the byte order. */
const isMarkup = (text: string) => /^\s*<[?!A-Za-z]/.test(text)

/** XGBoost writes NaN as the threshold of a split by category, which JSON does not know. */
const NOT_JSON = /(?<=[[,:]\s*)NaN(?=\s*[\],}])/g

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const mended = text.replaceAll(NOT_JSON, 'null')
    if (mended === text) throw error
    return JSON.parse(mended)
  }
}

function convertUbjson(bytes: Uint8Array): Result<Converted> {
  try {
    return convertDocument(readUbjson(bytes))
  } catch (error) {
    if (!(error instanceof UbjsonError)) throw error
    return rejectModel('model_form_invalid', `the file is no UBJSON: ${error.message}; save the model again`)
  }
}

/** The file has at most as many bytes as fit into a string. */
export function convertModel(bytes: Uint8Array): Result<Converted> {
  if (isPickle(bytes) || isArchive(bytes)) {
    return rejectModel(
      'model_form_unsupported',
      'this is a pickle or an archive, which can run any program when it is read; push the estimator with the Python client, or save XGBoost models with save_model("model.json")',
    )
  }
  if (isUbj(bytes)) return convertUbjson(bytes)
  let document: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (isLightgbm(text)) return convertLightgbm(text)
    if (isMarkup(text)) return convertPmml(text)
    document = parse(text)
  } catch (error) {
    const reason = (error as Error).message.slice(0, 200)
    return rejectModel(
      'model_form_invalid',
      `the file is no JSON, no text of LightGBM and no PMML (${reason}); save the model with save_model("model.json"), or push the estimator with the Python client`,
    )
  }
  return convertDocument(document)
}

function convertDocument(document: unknown): Result<Converted> {
  const fields = typeof document === 'object' && document !== null ? Object.keys(document) : []
  if (fields.includes('learner')) return convertXgboost(document)
  if (fields.includes('format')) return convertEstimator(document)
  return rejectModel(
    'model_form_unsupported',
    'the file is none of XGBoost in JSON or UBJSON ("learner"), LightGBM as text ("tree"), PMML ("<PMML") or the Python client ("format")',
  )
}
