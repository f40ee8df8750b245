/** Action problems: the reasons why the actions of a monitor cannot be carried out, found when somebody sets them. */
import { kinds } from '@skerry/contract/kinds/kinds'
import type { MonitorAction } from '@skerry/contract/monitors/action'
import type { Permission } from '@skerry/contract/people/permissions'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { findCapture } from '../captures/capture-store.ts'
import { findModel } from '../models/version-store.ts'
import type { Db } from '../store/store.ts'
import { elsewhereProblem, sendsTokenElsewhere, TOKEN_PERMISSION, tokenProblem } from './action-token.ts'

type Place = { organisationId: OrganisationId; model: string }

/** The first reason; undefined if there is none. */
export async function actionProblem(
  db: Db,
  { organisationId, model }: Place,
  actions: readonly MonitorAction[],
): Promise<string | undefined> {
  for (const action of actions) {
    if (action.do === 'capture' && !(await findCapture(db, { organisationId, model }))) return noCapture(model)
    if (action.do !== 'hold') continue
    const flow = await findModel(db, { organisationId, name: action.flow })
    if (!flow || kinds[flow.kind].serves) return `there is no flow ${action.flow} to hold; "skerry flow ls" lists flows`
  }
  return tokenProblem(db, organisationId, actions)
}

export const noCapture = (model: string) =>
  `the model has no capture, whose purpose and redaction a person declares; run "skerry capture set ${model}" first`

/** A permission that the change needs beside that for monitors, and that the caller lacks. */
export function grantProblem(
  before: readonly MonitorAction[],
  after: readonly MonitorAction[],
  granted: readonly Permission[],
): string | undefined {
  if (sendsTokenElsewhere(before, after) && !granted.includes(TOKEN_PERMISSION)) return elsewhereProblem
  const rowsOf = (actions: readonly MonitorAction[]) =>
    actions.reduce((most, action) => (action.do === 'capture' ? Math.max(most, action.rows) : most), 0)
  if (rowsOf(after) > rowsOf(before) && !granted.includes('capture.write'))
    return 'only a person with the permission capture.write can let a monitor capture more rows'
  return undefined
}
