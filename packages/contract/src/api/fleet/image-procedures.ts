/** Procedures on the images of the registry. Container tools push and pull them on a port of their own. */
import * as z from 'zod'
import { RegistryImage, Repository } from '../../registry/registry.ts'
import { Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const imageProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/images',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List the images and other artefacts of the registry, or of one repository',
    errors: [],
  })
    .input(z.strictObject({ ...Page, repository: Repository.optional() }))
    .output(pageOf(RegistryImage)),
}
