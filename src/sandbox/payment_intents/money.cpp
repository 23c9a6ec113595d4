#include "sandbox/payment_intents/money.hpp"

#include <limits>

#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

/// https://docs.stripe.com/currencies
constexpr std::string_view currencies =
    " usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils "
    "inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk "
    "mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp "
    "sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw ";

constexpr std::int64_t least = 50;
constexpr std::int64_t most = 99'999'999;

}  // namespace

std::string read_currency(Parameters& parameters) {
  auto const sent = parameters.required_text("currency");
  auto currency = sent;
  for (char& c : currency) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  bool const known = currency.size() == 3 && currencies.find(" " + currency + " ") != currencies.npos;
  if (known) return currency;
  throw ApiError::invalid("Invalid currency: " + sent + ". It must be the three letters of an ISO 4217 code.",
                          "currency");
}

std::int64_t read_amount(Parameters& parameters, std::string_view currency) {
  auto const amount = parameters.integer("amount", 1, std::numeric_limits<std::int64_t>::max());
  if (!amount) throw ApiError::invalid("Missing required param: amount.", "amount", "parameter_missing");
  if (*amount < least) {
    throw ApiError::invalid("Amount must be at least 0.50 " + std::string(currency) + ".", "amount",
                            "amount_too_small");
  }
  if (*amount > most) {
    throw ApiError::invalid("Amount must be no more than 999,999.99 " + std::string(currency) + ".", "amount",
                            "amount_too_large");
  }
  return *amount;
}

}  // namespace balcao::sandbox::payment_intents
