/** Procedures on selectors: to see what one does before anything follows from it. */
import * as z from 'zod'
import { FieldValues, SelectorPreview } from '../../deployments/selector-preview.ts'
import { VersionReference } from '../../models/model.ts'
import { Name, PAGE_LIMIT_MAX, SelectorText } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const selectorProcedures = {
  preview: procedure({
    method: 'POST',
    path: '/v1/selector/preview',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    isReadOnly: true,
    summary:
      'List the devices that a selector picks, those of them that are excluded, and why the others are not picked',
    errors: ['selector_invalid', 'model_unknown', 'version_unknown', 'alias_unknown'],
  })
    .input(
      z.strictObject({
        selector: SelectorText,
        /** Refusals depend on what shall run there, and on the deployment that it belongs to. */
        model: Name.optional(),
        version: VersionReference.default('latest'),
        deployment: Name.optional(),
        /** Only devices whose name or site contains it are named; the counts are of all. */
        find: z.string().max(63).optional(),
        limit: z.int().min(0).max(PAGE_LIMIT_MAX).default(100),
      }),
    )
    .output(SelectorPreview),
  values: procedure({
    method: 'GET',
    path: '/v1/selector/values',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    summary: 'List the values of the fields of sites and devices, for selectors',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ total: z.int().min(0), fields: z.array(FieldValues) })),
}
