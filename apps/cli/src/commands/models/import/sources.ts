/** Sources: all places from which models can be imported. A new one adds a file and a row. */
import type { RemoteSource } from '@skerry/platform/imports/import-host'
import { mlflowSource } from '@skerry/platform/imports/mlflow-source'
import { ociSource } from '@skerry/platform/imports/oci-source'
import { urlSource } from '@skerry/platform/imports/url-source'
import { huggingFaceSource } from './hugging-face-source.ts'
import type { ImportSource } from './import-source.ts'
import { sessionHost } from './session-host.ts'
import { tritonSource } from './triton-source.ts'

/** The variables are those of MLflow itself, and nobody else gets the token. */
const mlflow: ImportSource = {
  name: 'MLflow',
  recognises: async (place) => /^models:/i.test(place),
  open(place, options, session) {
    const { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token } = session.io.env
    const whole = { ...options, server: options.server ?? uri, token: options.token ?? token }
    return mlflowSource.open(place, whole, sessionHost(session))
  },
}

const remote = (name: string, form: RegExp, source: RemoteSource): ImportSource => ({
  name,
  recognises: async (place) => form.test(place),
  open: (place, options, session) => source.open(place, options, sessionHost(session)),
})

/** In the order in which a place is recognised. */
export const importSources: readonly ImportSource[] = [
  mlflow,
  remote('OCI registry', /^oci:\/\//i, ociSource),
  remote('URL', /^[a-z][a-z0-9+.-]*:\/\//i, urlSource),
  tritonSource,
  huggingFaceSource,
]
