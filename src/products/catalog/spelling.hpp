#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace balcao::products {

/// How misspelt words find the ones that were meant: both are looked up without one of their letters, so that words
/// meet of which one is the other with a letter more, less, another one or two changed about. On the side of the search
/// vowels are exchanged, neighbours swapped and letters left out before that, which bridges most second errors.
///
/// Words are folded (see words_of). Only those of 4 to 20 letters a to z are guessed at: codes and numbers are what
/// they are.

/// Under what a word is kept; nothing where it is not guessed at.
std::vector<std::string> spellings_of(std::string_view word);

/// Under what to look for what was meant by a word, the likeliest first, at most 512; nothing where it is not guessed
/// at.
std::vector<std::string> spellings_to_try(std::string_view word);

/// How many letters were added, left out, replaced or swapped with their neighbour (optimal string alignment).
std::size_t errors_between(std::string_view one, std::string_view other);

/// Those that are closest to the word, at most three, in alphabetical order: one error away at most, two in words from
/// six letters on.
std::vector<std::string> closest_to(std::string_view word, std::vector<std::string> const& others);

}  // namespace balcao::products
