#pragma once

#include "../base/manual_clock.hpp"
#include "../base/tasks.hpp"
#include "engine.hpp"

namespace balcao::test {

/// A test of what keeps its data in a database: it runs on each engine.
class DatabaseTest : public LoopsTest {
 protected:
  Engine engine{loops};
};

}  // namespace balcao::test
