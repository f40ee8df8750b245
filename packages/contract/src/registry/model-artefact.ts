/**
 * Model artefact: a version of a model as an artefact of a registry, in the form of ModelPack.
 *
 * [CNCF model-spec 0.0.7, docs/spec.md, docs/config.md, docs/annotations.md]
 */
export const MODEL_MANIFEST = 'application/vnd.cncf.model.manifest.v1+json'
export const MODEL_CONFIG = 'application/vnd.cncf.model.config.v1+json'
export const MODEL_WEIGHT = 'application/vnd.cncf.model.weight.v1.raw'
export const MODEL_WEIGHT_CONFIG = 'application/vnd.cncf.model.weight.config.v1.raw'
export const MODEL_DOCUMENT = 'application/vnd.cncf.model.doc.v1.raw'

/** The path of a layer. Tools of ModelPack read the first, and "oras pull" the second. */
export const MODEL_PATH_KEYS = ['org.cncf.model.filepath', 'org.opencontainers.image.title'] as const

/** All repositories below it belong to the models of the organisation; nobody pushes there. */
export const MODEL_REPOSITORY_PREFIX = 'skerry/'
