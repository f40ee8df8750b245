/** Uninstall steps: removes deployments, then connections, and names the objects that stay. */
import type { InstalledObject, InstallStep } from '@skerry/contract/market/installation'

/** In the reverse order of the installation: flows end before the sources that they read. */
export function uninstallSteps(objects: readonly InstalledObject[]): { steps: InstallStep[]; stays: string[] } {
  const reversed = objects.toReversed()
  return {
    steps: reversed.flatMap((object) => removalOf(object)),
    stays: objects.flatMap(({ object, name }) =>
      object === 'deployable'
        ? [`the versions of ${name}, because a rollback may need them; "skerry model rm ${name}" removes them`]
        : [],
    ),
  }
}

/** Objects of the installed version that the new version does not have any more. */
export function obsoleteSteps(before: readonly InstalledObject[], after: readonly InstalledObject[]): InstallStep[] {
  const kept = new Set(after.map(keyOf))
  return before
    .toReversed()
    .filter((object) => !kept.has(keyOf(object)))
    .flatMap((object) => removalOf(object))
}

const keyOf = ({ object, name, scope }: InstalledObject) => `${object} ${name} ${scope ?? ''}`

function removalOf({ object, name, scope = 'organisation' }: InstalledObject): InstallStep[] {
  switch (object) {
    case 'deployable':
      return []
    case 'deployment':
      return [{ does: 'remove-deployment', deployment: name }]
    case 'source':
    case 'sink':
      return [{ does: 'remove-connection', connection: object, name, scope }]
  }
}
