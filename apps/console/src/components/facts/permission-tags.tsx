/** Permission tags: permissions by their names in the API, which is how the command line and refusals call them, too. */

export const PermissionTags = ({ permissions }: { permissions: readonly string[] }) => (
  <ul className="flex flex-wrap gap-1">
    {permissions.map((permission) => (
      <li key={permission} className="rounded bg-raised px-1.5 font-mono text-2xs leading-5 text-soft">
        {permission}
      </li>
    ))}
  </ul>
)
