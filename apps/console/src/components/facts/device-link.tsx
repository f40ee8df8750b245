/** Device link: the name of a device, which leads to its page. */
import { Link } from '@tanstack/react-router'

/** The link. */
export const DeviceLink = ({ device }: { device: string }) => (
  <Link to="/devices/$device" params={{ device }} className="rounded font-medium hover:text-accent hover:underline">
    {device}
  </Link>
)
