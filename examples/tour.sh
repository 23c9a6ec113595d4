#!/usr/bin/env bash
# The whole tour of Balcão with curl, against a server that runs:
#
#   ./run                                            in one terminal
#   examples/tour.sh                                 in another
#   BALCAO_URL=http://127.0.0.1:9000 examples/tour.sh
#
# Every step says what it does and what was answered. The first surprise ends the tour, with a line that names it and a
# status other than 0. It can be run again and again: each run registers a user of its own and removes its products.
set -euo pipefail

url=${BALCAO_URL:-http://127.0.0.1:8080}
password='three green parrots at the counter'
answer=$(mktemp -d)
trap 'rm -rf "$answer"' EXIT

step() { printf '\n%s\n' "$1"; }

surprise() {
  printf '\nSurprise: %s\n' "$1" >&2
  exit 1
}

# call STATUS METHOD PATH [CURL-ARGUMENT...]: sends a request; its answer must have this status, or one of `201|202`.
call() {
  local expected=$1 method=$2 path=$3 status
  shift 3
  rm -f "$answer/body"
  status=$(curl --silent --show-error --max-time 30 --request "$method" --output "$answer/body" \
    --dump-header "$answer/headers" --write-out '%{http_code}' "$@" "$url$path") ||
    surprise "no answer from $url; is the server running? Start it with ./run"
  printf '  %-6s %s -> %s\n' "$method" "${path%%\?*}" "$status"
  [[ $status =~ ^($expected)$ ]] || surprise "$method $path answered $status, not $expected: $(body)"
}

body() { if [[ -f $answer/body ]]; then cat "$answer/body"; fi; }

# field NAME: the text of that name in the last answer, empty where there is none.
field() { body | sed -nE 's/.*"'"$1"'":"([^"]*)".*/\1/p'; }

# header NAME: that header field of the last answer.
header() { sed -nE 's/^'"$1"': *([^\r]*)\r?$/\1/Ip' "$answer/headers"; }

# must_say TEXT: the last answer contains this.
must_say() { body | grep -qF -- "$1" || surprise "the answer does not say $1: $(body)"; }

# must_be WHAT WANTED FOUND
must_be() { [[ $3 == "$2" ]] || surprise "$1 is '$3', not '$2'"; }

count_items() { body | grep -oE '"id":"' | wc -l; }

step 'Is it there?'
call 200 GET /readyz
call 200 GET /version
echo "  version $(field version)"

step 'Register a user'
username=tour-$(date +%s)-$$
call 201 POST /register --json '{"username": "'"$username"'", "password": "'"$password"'"}'
user_id=$(field id)
echo "  user $username, id $user_id"
call 409 POST /register --json '{"username": "'"$username"'", "password": "'"$password"'"}'
echo '  and a second time: the name is taken'

step 'Log in'
call 401 POST /login --json '{"username": "'"$username"'", "password": "a wrong one"}'
call 200 POST /login --json '{"username": "'"$username"'", "password": "'"$password"'"}'
access_token=$(field access_token) refresh_token=$(field refresh_token)
[[ $access_token && $refresh_token ]] || surprise 'the login gave no tokens'
signed_in=(--header "Authorization: Bearer $access_token")

step 'Who am I?'
call 401 GET /me
call 200 GET /me "${signed_in[@]}"
must_be 'the username' "$username" "$(field username)"
echo "  $(field username), role $(field role)"

step 'Create a customer at the payment gateway'
call '201|202' POST /stripe/clients "${signed_in[@]}" --json '{"email": "maria@example.com", "name": "Maria Silva"}'
client_id=$(field id)
echo "  client $client_id is $(field status) (gateway: $(field gateway_id))"
call 200 GET "/stripe/clients/$client_id" "${signed_in[@]}"
call 200 GET /stripe/clients "${signed_in[@]}"
must_say "$client_id"
must_be 'the number of my clients' 1 "$(count_items)"

step 'Create three products (prices in centavos)'
products=()
for product in '"name": "Coffee", "price": 1990' '"name": "Cheese bread", "price": 650, "stock": 40' \
  '"name": "Orange cake", "price": 1200, "description": "By the slice"'; do
  call 201 POST /products "${signed_in[@]}" --json "{$product}"
  products+=("$(field id)")
  echo "  $(field name): $(header Location)"
done

step 'List them, two on a page, the cheapest first'
mine="/products?owner=$user_id&sort=price&limit=2"
call 200 GET "$mine"
must_be 'the first page' 2 "$(count_items)"
must_say '"has_more":true'
call 200 GET "$mine&cursor=$(field next_cursor)"
must_be 'the second page' 1 "$(count_items)"
must_say '"has_more":false'
echo '  two on the first page, one on the second'

step 'Read one; then only if it has changed'
coffee=/products/${products[0]}
call 200 GET "$coffee"
version=$(header ETag)
echo "  version $version"
call 304 GET "$coffee" --header "If-None-Match: $version"
echo '  it has not'

step 'Change it, if nobody else has meanwhile'
call 200 PUT "$coffee" "${signed_in[@]}" --header "If-Match: $version" --json '{"price": 2190}'
must_say '"price":2190'
must_be 'the name, which was left out,' Coffee "$(field name)"
echo "  version $(header ETag)"
call 412 PUT "$coffee" "${signed_in[@]}" --header "If-Match: $version" --json '{"price": 1}'
echo '  with the old version it is refused'

step 'Send what is wrong'
call 422 POST /products "${signed_in[@]}" --json '{"name": "Tea", "price": -5, "colour": "green"}'
must_say '"pointer":"/price"'
must_say '"pointer":"/colour"'
echo "  $(body)"
call 400 POST /products "${signed_in[@]}" --json '{"name": "Tea", '
call 401 POST /products --json '{"name": "Tea", "price": 500}'
call 404 GET /products/nothing-of-this-name
call 405 POST "$coffee"
echo "  allowed there: $(header Allow)"

step 'Order two of five; the stock goes down, and no more can be ordered than there are'
key="tour-$user_id"
call 201 POST /products "${signed_in[@]}" --json '{"name": "Coffee maker", "price": 9900, "stock": 5}'
maker=$(field id)
products+=("$maker")
order='{"items": [{"product_id": "'"$maker"'", "quantity": 2}], "payment_method": "pm_card_visa"}'
call 201 POST /orders "${signed_in[@]}" --header "Idempotency-Key: $key-order" --json "$order"
must_be 'the order' paid "$(field status)"
must_say '"total":19800'
ordered=$(field id)
call 201 POST /orders "${signed_in[@]}" --header "Idempotency-Key: $key-order" --json "$order"
must_be 'the order of the same key' "$ordered" "$(field id)"
call 200 GET "/products/$maker" "${signed_in[@]}"
must_say '"stock":3'
call 409 POST /orders "${signed_in[@]}" --header "Idempotency-Key: $key-order-2" \
  --json '{"items": [{"product_id": "'"$maker"'", "quantity": 4}]}'
must_say '"code":"out_of_stock"'
echo "  $(body)"

step 'Find it by the beginnings of its words, whatever their accents'
call 200 GET '/products?q=COFF%C3%89E%20mak'
must_say "$maker"

step 'Remove the products'
for id in "${products[@]}"; do call 204 DELETE "/products/$id" "${signed_in[@]}"; done
call 404 GET "$coffee"

step 'Pay, and once more with the same key: it is the same payment'
payment='{"amount": 1990, "payment_method": "pm_card_visa", "description": "Coffee"}'
call 201 POST /payments "${signed_in[@]}" --header "Idempotency-Key: $key" --json "$payment"
must_be 'the payment' succeeded "$(field status)"
paid=$(field id)
call 201 POST /payments "${signed_in[@]}" --header "Idempotency-Key: $key" --json "$payment"
must_be 'the payment of the same key' "$paid" "$(field id)"
echo "  $paid"

step 'A card that is declined, and then another one'
call 402 POST /payments "${signed_in[@]}" --header "Idempotency-Key: $key-2" \
  --json '{"amount": 500, "payment_method": "pm_card_chargeDeclined"}'
must_say '"code":"payment_declined"'
declined=$(field payment_id)
call 200 POST "/payments/$declined/confirm" "${signed_in[@]}" --json '{"payment_method": "pm_card_visa"}'
must_be 'the payment' succeeded "$(field status)"

step 'Give a part of it back'
call 201 POST "/payments/$paid/refunds" "${signed_in[@]}" --header "Idempotency-Key: $key-3" --json '{"amount": 990}'
call 200 GET "/payments/$paid" "${signed_in[@]}"
must_say '"amount_refunded":990'
echo '  990 of 1990'

step 'Exchange the refresh token for new tokens'
call 200 POST /refresh --json '{"refresh_token": "'"$refresh_token"'"}'
new_access_token=$(field access_token) new_refresh_token=$(field refresh_token)
[[ $new_refresh_token && $new_refresh_token != "$refresh_token" ]] || surprise 'the refresh token was not rotated'
call 200 GET /me --header "Authorization: Bearer $new_access_token"

step 'Log out, as a form this time'
call 204 POST /logout --data-urlencode "Token=$new_access_token"

step 'Every token of the session is refused from now on'
call 401 GET /me --header "Authorization: Bearer $new_access_token"
call 401 GET /me "${signed_in[@]}"
call 401 POST /refresh --json '{"refresh_token": "'"$new_refresh_token"'"}'

printf '\nThe tour is over; everything was as it should be.\n'
