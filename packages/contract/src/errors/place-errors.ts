/** Error codes of placements, scaling and routes. */
export const placeErrors = {
  placement_missing: { status: 409, message: 'the deployment has no placement policy' },
  scaling_missing: { status: 409, message: 'the deployment has no scaling policy' },
  model_route_unknown: { status: 404, message: 'there is no route of this name; "skerry route ls" lists them' },
  route_refused: { status: 422, message: 'the route does not fit; the message names the reason' },
} as const
